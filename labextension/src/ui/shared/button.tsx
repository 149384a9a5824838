import * as React from 'react';

interface ButtonProps extends React.ComponentPropsWithoutRef<'button'> {
  /** What it is called, as its tooltip too: for one that shows an icon only. */
  label?: string;
}

/** A button that submits no form. */
export const Button = React.forwardRef<HTMLButtonElement, ButtonProps>(
  ({ label, ...props }, ref) => (
    <button ref={ref} type="button" title={label} aria-label={label} {...props} />
  )
);
Button.displayName = 'Button';
