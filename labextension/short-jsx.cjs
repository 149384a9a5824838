/** A loader: elements are made by a function of the module, whose name is one letter once it is minified. */
module.exports = source =>
  source.includes('React.createElement(')
    ? `const make = React.createElement; ${source.replaceAll('React.createElement(', 'make(')}`
    : source;
