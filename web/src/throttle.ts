import { useEffect, useRef, useState } from 'preact/hooks';

/** `value`, updated at most every `interval` ms. The last change always arrives. */
export function useThrottled<T>(value: T, interval: number): T {
  const [shown, setShown] = useState(value);
  const changedAt = useRef(performance.now());
  useEffect(() => {
    if (value === shown) return;
    const wait = Math.max(0, changedAt.current + interval - performance.now());
    const timer = setTimeout(() => {
      changedAt.current = performance.now();
      setShown(value);
    }, wait);
    return () => clearTimeout(timer);
  }, [value, shown, interval]);
  return shown;
}
