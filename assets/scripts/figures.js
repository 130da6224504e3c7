// Draws Plotly figures into a component. Runs again at every change of data or theme, and keeps the zoom while `run` stays.
// Colours written as "var(--name)" are looked up in the page, so that a figure follows the theme without being sent again.

const resolve = (value, lookUp) => {
  if (typeof value === "string") return value.startsWith("var(--") ? lookUp(value) : value
  if (Array.isArray(value)) return typeof value[0] === "number" ? value : value.map(item => resolve(item, lookUp))
  if (value && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolve(item, lookUp)]))
  return value
}

const drawFigures = ({ data, parentElement }) => {
  const root = parentElement.querySelector(".figures")
  const probe = parentElement.querySelector(".probe")
  const known = {}
  const lookUp = name => {
    if (!(name in known)) {
      probe.style.color = name
      known[name] = getComputedStyle(probe).color
    }
    return known[name]
  }
  const style = getComputedStyle(root)
  root.style.setProperty("--columns", data.figures.length)
  data.figures.forEach((figure, index) => {
    const holder = root.children[index] ?? root.appendChild(document.createElement("div"))
    holder.setAttribute("role", "figure")
    holder.setAttribute("aria-label", figure.alt)
    const layout = resolve(figure.layout, lookUp)
    layout.font = { family: style.fontFamily, size: 12.5, ...layout.font }
    if (data.run) layout.uirevision = data.run
    globalThis.tributary.plotly.react(holder, resolve(figure.data, lookUp), layout, {
      responsive: true,
      displaylogo: false,
      modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
    })
  })
  while (root.children.length > data.figures.length) root.lastElementChild.remove()
  root.dataset.points = data.points ?? ""
}

globalThis.tributary.figures = drawFigures
