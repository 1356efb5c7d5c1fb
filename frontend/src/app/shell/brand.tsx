/** The mark: a district with one gate, and what it keeps inside. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden focusable="false">
      <path
        d="M20.500 8.500V6.200a2.700 2.700 0 0 0-2.700-2.700H6.200a2.700 2.700 0 0 0-2.700 2.700v11.600a2.700 2.700 0 0 0 2.700 2.700h11.600a2.700 2.700 0 0 0 2.700-2.700v-2.300"
        stroke="currentColor"
        strokeWidth="2.200"
        strokeLinecap="round"
      />
      <rect x="8.600" y="8.600" width="6.800" height="6.800" rx="1.500" fill="currentColor" />
    </svg>
  );
}
