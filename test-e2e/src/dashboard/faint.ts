/** WCAG 2.2, 1.4.3: of texts of usual size. */
const CONTRAST_LEAST = 4.5;

/** Texts whose contrast with what is behind them is too small. */
export const FAINT = `(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((each) => each / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = rgba(getComputedStyle(at).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255, 255];
  };
  return [...document.querySelectorAll('body *:not(svg):not(svg *):not(script):not(noscript)')]
    .filter((each) => [...each.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== ''))
    .filter((each) => !each.disabled)
    .flatMap((each) => {
      const [a, b] = [light(rgba(getComputedStyle(each).color)), light(behind(each))];
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      return contrast < ${CONTRAST_LEAST} ? [each.tagName + ' ' + each.textContent.slice(0, 30) + ' ' + contrast.toFixed(2)] : [];
    });
})()`;
