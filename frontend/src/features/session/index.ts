export { SessionGuard } from './guard';
export { useSignOut } from './queries';
export { SignInPage } from './sign-in-page';
