/** A message of the platform without the name of the API's field that it begins with: here a person reads it. */
export function said(message: string): string {
  const rest = message.replace(/^[a-z]\w*: (?=\S)/, '');
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}
