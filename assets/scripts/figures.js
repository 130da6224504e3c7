// Draws Plotly figures into a component. Runs again at every change of data or theme, and keeps the zoom while `run` stays.
// Colours written as "var(--name)" are looked up in the page, so that a figure follows the theme without being sent again.

// What all figures share; a figure's own layout says only where it differs.
const AXIS = {
  gridcolor: "var(--line)",
  linecolor: "var(--line)",
  spikecolor: "var(--soft-ink)",
  spikethickness: 1,
  spikedash: "2px,3px",
  zeroline: false,
  automargin: true,
}
const LAYOUT = {
  // Figures stand on panels; with their ground a picture that was downloaded can be read anywhere.
  paper_bgcolor: "var(--panel)",
  plot_bgcolor: "rgba(0,0,0,0)",
  showlegend: false,
  hoverlabel: { bgcolor: "var(--panel)", bordercolor: "var(--line)", font: { color: "var(--ink)" } },
  modebar: { bgcolor: "rgba(0,0,0,0)", color: "var(--soft-ink)", activecolor: "var(--accent)" },
  template: {
    layout: { annotationdefaults: { showarrow: false, xanchor: "left", yanchor: "middle", font: { size: 11.5 } } },
    data: { scatter: [{ mode: "lines" }] },
  },
}

// One button a figure, so that the tab key comes past dozens of figures. Dragging zooms, and a double click undoes it.
// The address to which another button would send the data is empty.
const config = title => ({
  responsive: true,
  displaylogo: false,
  modeBarButtons: [["toImage"]],
  toImageButtonOptions: { filename: fileName(title), scale: 2 },
  plotlyServerURL: "",
})

// "<b>Accuracy against weights</b>" becomes "accuracy-against-weights".
const fileName = (title = "") =>
  title
    .toLowerCase()
    .replace(/<[^>]*>|&[#\w]*;/g, " ")
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "") || "figure"

const complete = (own, run, fontFamily) => {
  const title = own.title && { x: 0, xref: "paper", ...own.title, font: { size: 14, color: "var(--ink)" } }
  return {
    ...LAYOUT,
    font: { family: fontFamily, size: 12.5, color: "var(--soft-ink)" },
    ...own,
    ...(title && { title }),
    ...(run && { uirevision: run }),
    xaxis: { ...AXIS, ...own.xaxis },
    yaxis: { ...AXIS, ...own.yaxis },
  }
}

const resolve = (value, lookUp) => {
  if (typeof value === "string") return value.startsWith("var(--") ? lookUp(value) : value
  if (Array.isArray(value)) return typeof value[0] === "number" ? value : value.map(item => resolve(item, lookUp))
  if (value && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolve(item, lookUp)]))
  return value
}

// A finger scrolls the page and pinches it, also over a figure: Plotly, which would zoom the figure instead, hears only of
// the mouse. A tap shows the numbers, since browsers tell of it as of a mouse too.
const newHolder = () => {
  const holder = document.createElement("div")
  holder.addEventListener("touchstart", event => event.stopPropagation(), { capture: true, passive: true })
  return holder
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
    const holder = root.children[index] ?? root.appendChild(newHolder())
    holder.setAttribute("role", "figure")
    holder.setAttribute("aria-label", figure.alt)
    // Plotly's own box takes its height from this one when the window changes; without one, figures fall on each other.
    if (figure.layout.height) holder.style.minHeight = `${figure.layout.height}px`
    const layout = complete(figure.layout, data.run, style.fontFamily)
    globalThis.tributary.plotly.react(holder, resolve(figure.data, lookUp), resolve(layout, lookUp), config(layout.title?.text))
  })
  while (root.children.length > data.figures.length) root.lastElementChild.remove()
  root.dataset.points = data.points ?? ""
}

globalThis.tributary.figures = drawFigures
