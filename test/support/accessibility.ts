/** Small checks of what a page offers to people who do not see it, or not well. Run inside the page. */
import type { Page } from 'playwright-core';

/** WCAG 2.2 AA for text of normal size. */
const leastContrast = 4.5;

/** Everything that is wrong, one line each. */
export function accessibilityProblems(page: Page): Promise<string[]> {
  return page.evaluate((leastContrast) => {
    const problems: string[] = [];
    const all = <T extends Element = HTMLElement>(selector: string) => [...document.querySelectorAll<T>(selector)];
    const shown = (element: Element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    const short = (element: Element) => element.outerHTML.slice(0, 120);

    if (document.documentElement.lang === '') problems.push('the document has no language');
    if (all('h1').length !== 1) problems.push(`${all('h1').length} elements h1`);
    for (const landmark of ['main', 'nav[aria-label]', 'search'])
      if (all(landmark).length !== 1) problems.push(`${all(landmark).length} elements ${landmark}`);
    if (all('[aria-live=polite]').length === 0) problems.push('no live region');

    for (const element of all('a, button').filter(shown)) {
      const name = element.getAttribute('aria-label') ?? element.innerText;
      if (name.trim() === '') problems.push(`no name: ${short(element)}`);
    }
    for (const input of all<HTMLInputElement>('input, select, textarea'))
      if (!input.ariaLabel && (input.labels?.length ?? 0) === 0) problems.push(`no label: ${short(input)}`);
    for (const image of all('svg, img'))
      if (!image.ariaHidden && !image.ariaLabel && !image.getAttribute('alt'))
        problems.push(`no text: ${short(image)}`);
    for (const table of all<HTMLTableElement>('table')) {
      if (!table.caption && !table.closest('section, aside')) problems.push(`no caption: ${short(table)}`);
      for (const head of table.querySelectorAll('th')) if (!head.scope) problems.push(`no scope: ${short(head)}`);
    }
    const ids = all('[id]').map((element) => element.id);
    for (const id of new Set(ids)) if (ids.indexOf(id) !== ids.lastIndexOf(id)) problems.push(`id ${id} twice`);
    for (const attribute of ['aria-labelledby', 'aria-describedby'])
      for (const element of all(`[${attribute}]`))
        if (!document.getElementById(element.getAttribute(attribute)!))
          problems.push(`${attribute} points nowhere: ${short(element)}`);

    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
    /** Paints colours over each other and reads what comes out: any CSS colour, any transparency. */
    const painted = (...colours: string[]) => {
      for (const colour of colours) {
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
      }
      return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const luminance = (rgb: number[]) => {
      const [r, g, b] = rgb.map((value) =>
        value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
      ) as [number, number, number];
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const pale = new Set<string>();
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement!;
      if (
        walker.currentNode.textContent?.trim() === '' ||
        !shown(element) ||
        element.closest('.visually-hidden, .skip')
      )
        continue;
      const behind: string[] = [];
      for (let at: Element | null = element; at; at = at.parentElement)
        behind.unshift(getComputedStyle(at).backgroundColor);
      const back = painted('white', ...behind);
      const front = painted(`rgb(${back.join(' ')})`, getComputedStyle(element).color);
      const [dark, light] = [luminance(front), luminance(back)].sort((a, b) => a - b) as [number, number];
      const contrast = (light + 0.05) / (dark + 0.05);
      if (contrast < leastContrast)
        pale.add(
          `contrast ${contrast.toFixed(2)}: ${element.tagName} ${element.className} “${walker.currentNode.textContent?.slice(0, 20)}”`,
        );
    }
    return [...problems, ...pale];
  }, leastContrast);
}
