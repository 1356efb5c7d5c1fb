export { exceptionRequest } from './exception';
export { DecisionVerdict, Refusal } from './refusal';
export { Verdict, type NextStep } from './verdict';
