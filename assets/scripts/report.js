// Draws the figures of a report from the data beside them, and again when the theme changes.
const drawReport = () => {
  for (const holder of document.querySelectorAll(".report-figures")) {
    const figures = JSON.parse(holder.querySelector("script").textContent)
    globalThis.tributary.figures({ data: { figures }, parentElement: holder })
  }
}

drawReport()
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawReport)
