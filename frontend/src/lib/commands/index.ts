export { isTyping, shownKeys } from './keys';
export { commands, listenForKeys, useCommands, type Command } from './registry';
