/** What differs from how JupyterLab builds any extension. What comes of it is measured in tests/packaging. */
module.exports = {
  // Every file begins and ends with it.
  output: { chunkLoadingGlobal: 'copilotChunks' },
  module: {
    rules: [
      {
        test: /\.css$/,
        enforce: 'pre',
        use: [{ loader: 'builtin:lightningcss-loader', options: { minify: true } }]
      },
      {
        // Seven hundred calls, which a minifier cannot shorten as they are of another module: 8 kB.
        test: /\.js$/,
        include: /labextension.lib/,
        use: [require.resolve('./short-jsx.cjs')]
      }
    ]
  },
  optimization: {
    splitChunks: {
      // What others wrote, and styles, go into files of their own, so that the size of our code can be told.
      cacheGroups: {
        styles: { test: /labextension.style/, name: 'styles', chunks: 'async', enforce: true },
        others: { test: /node_modules/, name: 'others', chunks: 'async', enforce: true }
      }
    }
  }
};
