import * as React from 'react';

import type { Image, Output } from '../../protocol';
import { visibleText } from '../../core/visible-text';
import { useServices, useTrans } from '../shared/services';

/** Picture formats that a browser draws without running anything. */
const PICTURES = /^image\/(?:png|jpeg|gif|webp|avif|bmp|svg\+xml)$/;
const BASE64 = /^[A-Za-z0-9+/=\s]*$/;

/** What a call printed and drew, adjacent text of one kind together. */
export function Outputs({ outputs }: { outputs: readonly Output[] }): JSX.Element | null {
  const trans = useTrans();
  const pieces = joinOutputs(outputs);
  if (pieces.length === 0) {
    return null;
  }
  return (
    <div className="jp-Copilot-outputs">
      {pieces.map((output, index) =>
        output.kind === 'image' && output.image ? (
          <Picture key={index} image={output.image} origin={trans.__('Drawn by the code')} />
        ) : (
          <Text key={index} text={output.text} isError={output.kind === 'error'} />
        )
      )}
    </div>
  );
}

/** The outputs as a notebook would show them: cleared where they were cleared, adjacent text of one kind joined. */
export function joinOutputs(outputs: readonly Output[]): Output[] {
  const joined: Output[] = [];
  for (const output of outputs) {
    const last = joined[joined.length - 1];
    if (output.kind === 'clear') {
      joined.length = 0;
    } else if (last?.kind === output.kind && output.kind !== 'image' && output.kind !== 'result') {
      joined[joined.length - 1] = { ...last, text: last.text + output.text };
    } else {
      joined.push(output);
    }
  }
  return joined.filter(output => output.text !== '' || output.image !== null);
}

export interface PictureProps {
  image: Image;
  /** Where it comes from, in words, for everybody to see that it is a picture. */
  origin: string;
}

/** A picture, framed and named as one: whatever it shows is no part of the page. */
export function Picture({ image, origin }: PictureProps): JSX.Element {
  const trans = useTrans();
  const data = usePictureData(image);
  if (data === undefined) {
    return <div className="jp-Copilot-muted">{trans.__('Loading the picture…')}</div>;
  }
  if (data === null) {
    return <div className="jp-Copilot-muted">{trans.__('A picture that is no longer kept')}</div>;
  }
  if (!isDrawable(image, data)) {
    return (
      <div className="jp-Copilot-muted">{trans.__('A picture that cannot be shown here')}</div>
    );
  }
  const name = visibleText(image.name).text;
  return (
    <figure className="jp-Copilot-figure">
      <img
        className="jp-Copilot-picture"
        src={`data:${image.mime};base64,${data}`}
        alt={name || origin}
      />
      <figcaption className="jp-Copilot-figureName">
        {name ? `${origin}: ${name}` : origin}
      </figcaption>
    </figure>
  );
}

/** Whether a browser draws this data without running anything. */
export function isDrawable(image: Image, data: string): boolean {
  return data !== '' && PICTURES.test(image.mime) && BASE64.test(data);
}

/** The base64 of a picture, fetched where it is named by its digest: undefined until then, null when it is gone. */
export function usePictureData({ data, digest }: Image): string | null | undefined {
  const { picture } = useServices();
  const [fetched, setFetched] = React.useState<{ digest: string; data: string | null }>();
  const wanted = data === '' && digest ? digest : null;
  React.useEffect(() => {
    let current = true;
    if (wanted !== null && picture) {
      picture(wanted).then(
        found => current && setFetched({ digest: wanted, data: found }),
        () => current && setFetched({ digest: wanted, data: '' })
      );
    }
    return () => {
      current = false;
    };
  }, [wanted, picture]);
  if (wanted === null) {
    return data;
  }
  return picture ? (fetched?.digest === wanted ? fetched.data : undefined) : '';
}

export function Text({ text, isError }: { text: string; isError: boolean }): JSX.Element {
  const services = useServices();
  const host = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    let current = true;
    services.terminal(text).then(
      element => current && host.current?.replaceChildren(element),
      () => current && host.current && (host.current.textContent = text)
    );
    return () => {
      current = false;
    };
  }, [text, services]);
  return (
    <div
      ref={host}
      tabIndex={0}
      role="group"
      aria-label={isError ? services.trans.__('Error output') : services.trans.__('Output')}
      className={`jp-Copilot-output${isError ? ' jp-mod-error' : ''}`}
    />
  );
}
