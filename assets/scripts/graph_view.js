// Lays DOT out with Graphviz and draws it with pan, zoom, and nodes that can be clicked or pressed.
// Colours are CSS classes carried over from DOT, so a change of theme repaints without a new layout.

const KEYS = { "+": "in", "=": "in", "-": "out", "0": "fit" }

const LEFT = 12 // from a node's edge to its text, in the units of the drawing
const ROOM = LEFT + 8 // what its text leaves free on both sides together
const LARGEST = 1.35 // pixels a unit of the drawing takes at most before anyone zooms
const SMALLEST = 0.9 // and at least, as long as that does not make the drawing higher than this
const TALLEST = 1600

// The DOT is drawn as streams: without arrow heads, leaving below and arriving above, and measured with that font of which
// Graphviz knows the widths and which is nearest to ours.
const asStreams = dot =>
  dot.replace("{", "{ graph [labeljust=l] edge [arrowhead=none tailport=s headport=n]").replace(/fontname="[^"]*"/g, "fontname=Helvetica")

// Graphviz measures text with a font of its own; what would touch the edge in ours is drawn closer.
const fit = (text, box) => {
  if (text.getBBox().width <= box.width - ROOM) return
  text.setAttribute("textLength", box.width - ROOM)
  text.setAttribute("lengthAdjust", "spacingAndGlyphs")
}

const decorate = node => {
  const shape = node.querySelector("path, polygon, ellipse")
  if (!shape || node.classList.contains("output")) return
  const box = shape.getBBox()
  for (const text of node.querySelectorAll("text")) {
    text.setAttribute("text-anchor", "start")
    text.setAttribute("x", box.x + LEFT)
    fit(text, box)
  }
  const bar = document.createElementNS("http://www.w3.org/2000/svg", "rect")
  for (const [name, value] of Object.entries({ x: box.x - 2, y: box.y + 2, width: 6, height: box.height - 4, rx: 3 }))
    bar.setAttribute(name, value)
  bar.setAttribute("class", "bar")
  shape.after(bar)
}

const drawGraph = async ({ data, parentElement, setTriggerValue }) => {
  const root = parentElement.querySelector(".graph-view")
  const drawing = parentElement.querySelector(".drawing")
  const graphviz = await globalThis.tributary.graphviz
  drawing.setAttribute("aria-label", data.sentence)
  if (root.dot !== data.dot) {
    root.dot = data.dot
    const svg = safeSvg(graphviz.layout(asStreams(data.dot), "svg", "dot"))
    svg.removeAttribute("width")
    svg.removeAttribute("height")
    svg.querySelector("g.graph > title")?.remove()
    drawing.replaceChildren(svg)
    svg.querySelectorAll("g.node").forEach(decorate)
    const { x, y, width, height } = svg.viewBox.baseVal
    root.whole = [x, y, width, height]
    const wanted = Math.min(Math.max(data.height, SMALLEST * height), TALLEST)
    root.style.height = `min(${wanted}px, ${Math.max(LARGEST * height, 200)}px, ${(100 * height) / width}cqw)`
    root.dataset.nodes = svg.querySelectorAll("g.node").length
  }
  const svg = drawing.firstElementChild
  const show = (x, y, width, height) => svg.setAttribute("viewBox", [x, y, width, height].join(" "))
  const scaled = (factor, right = 0.5, down = 0.5) => {
    const { x, y, width, height } = svg.viewBox.baseVal
    show(x + width * right * (1 - factor), y + height * down * (1 - factor), width * factor, height * factor)
  }
  const zoom = { in: () => scaled(0.8), out: () => scaled(1.25), fit: () => show(...root.whole) }
  for (const button of parentElement.querySelectorAll("[data-zoom]")) button.onclick = zoom[button.dataset.zoom]

  svg.onwheel = event => {
    if (!event.ctrlKey && !event.metaKey) return
    event.preventDefault()
    const box = svg.getBoundingClientRect()
    scaled(event.deltaY < 0 ? 0.87 : 1.15, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height)
  }
  let from = null
  svg.onpointerdown = event => {
    root.moved = false
    const { x, y } = svg.viewBox.baseVal
    // A second finger pinches the page, which is no dragging.
    from = event.isPrimary ? { x, y, left: event.clientX, top: event.clientY } : null
  }
  svg.onpointermove = event => {
    if (!from || !event.buttons) return
    const { width, height } = svg.viewBox.baseVal
    const perPixel = Math.max(width / svg.clientWidth, height / svg.clientHeight)
    root.moved = Math.hypot(event.clientX - from.left, event.clientY - from.top) > 4
    show(from.x - (event.clientX - from.left) * perPixel, from.y - (event.clientY - from.top) * perPixel, width, height)
  }
  svg.onpointerup = () => (from = null)

  root.onkeydown = event => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in KEYS)) return
    event.preventDefault()
    zoom[KEYS[event.key]]()
  }
  for (const node of svg.querySelectorAll("g.node, g.cluster")) {
    const title = node.querySelector("title")
    const id = (node.dataset.id ??= title.textContent.replace(/^cluster_/, ""))
    title.textContent = data.titles[id] ?? id
    node.setAttribute("tabindex", "0")
    node.setAttribute("role", "button")
    node.setAttribute("aria-label", data.titles[id] ?? id)
    node.setAttribute("aria-pressed", String(id === data.selected))
    const click = () => {
      if (!root.moved) setTriggerValue("clicked", id)
    }
    node.onclick = click
    node.onkeydown = event => {
      if (event.key !== "Enter" && event.key !== " ") return
      event.preventDefault()
      setTriggerValue("clicked", id)
    }
  }
  root.dataset.ready = "true"
}

globalThis.tributary.graph = drawGraph
