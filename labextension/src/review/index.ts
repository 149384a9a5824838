export { NotebookReview } from './notebook-review';
