import { setupServer } from 'msw/node';

/** The platform, mocked at the network layer: each test adds the handlers that it needs. */
export const server = setupServer();
