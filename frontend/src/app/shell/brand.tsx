/** The mark: a district with one gate, and what it keeps inside. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden focusable="false">
      <path
        d="M20.5 8.5V6.2a2.7 2.7 0 0 0-2.7-2.7H6.2a2.7 2.7 0 0 0-2.7 2.7v11.6a2.7 2.7 0 0 0 2.7 2.7h11.6a2.7 2.7 0 0 0 2.7-2.7v-2.3"
        stroke="currentColor"
        strokeWidth="2.2"
        strokeLinecap="round"
      />
      <rect x="8.6" y="8.6" width="6.8" height="6.8" rx="1.5" fill="currentColor" />
    </svg>
  );
}
