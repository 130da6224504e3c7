// Takes an SVG text apart and keeps only shapes, text and paint: no scripts, no handlers, no links, no pictures from elsewhere.
const SVG_ELEMENTS = new Set("svg g path rect circle ellipse line polyline polygon text tspan title desc defs".split(" "))
const SVG_ATTRIBUTES = new Set(
  ("viewbox class id d x y x1 y1 x2 y2 cx cy r rx ry dx dy width height points transform fill stroke stroke-width stroke-dasharray " +
    "stroke-linecap stroke-linejoin opacity fill-opacity stroke-opacity text-anchor font-size font-weight font-style").split(" "),
)

const safeSvg = text => {
  const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement
  const clean = element => {
    for (const child of [...element.children]) {
      if (SVG_ELEMENTS.has(child.localName)) clean(child)
      else if (child.localName === "a") (clean(child), child.replaceWith(...child.childNodes))
      else child.remove()
    }
    for (const { name, value } of [...element.attributes])
      if (!SVG_ATTRIBUTES.has(name.toLowerCase()) || /url\(|javascript:/i.test(value)) element.removeAttribute(name)
  }
  if (svg.localName !== "svg") return document.createElementNS("http://www.w3.org/2000/svg", "svg")
  clean(svg)
  return document.importNode(svg, true)
}
