// Reads and lays out what a run made: in a worker of its own, which can be ended.
import 'pdfjs-dist/build/pdf.worker.min.mjs';
