export { Pdf, PdfError, PdfPage, type PdfFailure } from './document';
