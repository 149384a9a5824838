// One by one, as `index.css` has them: what CSS imports itself is not minified.
import './base.css';
import './head.css';
import './conversation.css';
import './calls.css';
import './cards.css';
import './forms.css';
import './composer.css';
import './notebook.css';
import './models.css';
import './review.css';
