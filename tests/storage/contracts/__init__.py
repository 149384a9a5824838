"""What every store promises, a module for each port; each store's test module runs these."""
