/** What differs from how JupyterLab builds any extension. What comes of it is measured in tests/packaging. */
module.exports = {
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
      // What others wrote goes into a file of its own, so that the size of what is ours can be told.
      cacheGroups: {
        others: { test: /node_modules/, name: 'others', chunks: 'async', enforce: true }
      }
    }
  }
};
