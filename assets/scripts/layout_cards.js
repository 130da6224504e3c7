// A grid of toggle buttons, one a layout. The pressed one is marked at once; the page follows.
export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".cards")
  const shown = JSON.stringify(data.cards)
  if (root.shown !== shown) {
    root.shown = shown
    root.replaceChildren(
      ...data.cards.map(card => {
        const button = document.createElement("button")
        button.type = "button"
        button.dataset.name = card.name
        const picture = document.createElement("span")
        picture.className = "picture"
        picture.setAttribute("aria-hidden", "true")
        picture.append(safeSvg(card.svg))
        const title = document.createElement("span")
        title.textContent = card.title
        button.append(picture, title)
        if (card.disabled_reason) {
          button.setAttribute("aria-disabled", "true")
          button.setAttribute("aria-describedby", "why-" + card.name)
        }
        return button
      }),
    )
  }
  const why = parentElement.querySelector(".why")
  const press = name => {
    for (const button of root.children) button.setAttribute("aria-pressed", String(button.dataset.name === name))
  }
  press(data.selected)
  for (const card of data.cards) {
    const button = [...root.children].find(child => child.dataset.name === card.name)
    button.onclick = () => {
      if (card.disabled_reason) {
        why.open = true
      } else if (button.getAttribute("aria-pressed") !== "true") {
        press(card.name)
        setTriggerValue("chosen", card.name)
      }
    }
  }
  const unusable = data.cards.filter(card => card.disabled_reason)
  why.hidden = unusable.length === 0
  why.querySelector("ul").replaceChildren(
    ...unusable.map(card => {
      const item = document.createElement("li")
      item.id = "why-" + card.name
      const title = document.createElement("strong")
      title.textContent = card.title
      item.append(title, ": " + card.disabled_reason)
      return item
    }),
  )
}
