export { allauth, PROVIDER_REDIRECT, type Answer, type FieldError, type Flow } from './client';
export { inWords } from './faults';
export { nextStep, reauthentication, type Factor, type Step } from './steps';
export {
  isDeclined,
  makePasskey,
  passkeyObstacle,
  usePasskey,
  type CreationOptions,
  type RequestOptions,
} from './webauthn';
