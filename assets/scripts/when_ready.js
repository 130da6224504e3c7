// The small script that travels with every message: hands over to the drawing function once its library has arrived.
export default function (component) {
  const parent = component.parentElement
  parent.latest = component
  const draw = () => {
    const ready = globalThis.tributary?.DRAWING
    if (ready) return ready(parent.latest)
    clearTimeout(parent.waiting)
    parent.waiting = setTimeout(draw, 30)
  }
  draw()
}
