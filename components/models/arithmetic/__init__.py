"""Floating-point operations of one sample, by the class of each layer.

A multiplication and an addition count as two operations, so the figure is twice the multiply-adds that many papers give. A
function of one number, such as ReLU, sigmoid or tanh, and a comparison count as one; a softmax counts as five for each number
(shift, exponential, sum, division), as TensorFlow's own profiler has it. What is off at inference, such as dropout, and what
only moves numbers counts nothing. Batch normalisation counts two for each number: at inference it is one factor and one
offset. An axis of any length counts as one, so that a member which takes sequences of any length is counted by the step.

A class without a rule counts one for each number that it gives. Each file here registers the rules of one kind of layers.
"""

from components.models.arithmetic import attention, element_wise, kernels, recurrent
from components.models.arithmetic.rule import RULES, floating_point_operations, numbers_in

__all__ = ["RULES", "attention", "element_wise", "floating_point_operations", "kernels", "numbers_in", "recurrent"]
