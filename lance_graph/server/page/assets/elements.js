// Elements made of plain text: whatever a person or a model wrote never becomes markup.
export const $ = (id) => document.getElementById(id);

/** An element with properties (`class`, `data`, `aria`, `style` by custom property) and children. */
export function el(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null) continue;
    if (name === "class") made.className = value;
    else if (name === "aria") for (const [key, said] of Object.entries(value)) made.setAttribute(`aria-${key}`, said);
    else if (name === "data") Object.assign(made.dataset, value);
    else if (name === "style") for (const [key, said] of Object.entries(value)) made.style.setProperty(key, said);
    else if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

export const number = (value) => (value === null || value === undefined ? "not measured" : value.toFixed(2));
export const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;
export const quiet = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
