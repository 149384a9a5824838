import * as React from 'react';

import type { Image, Output } from '../../protocol';
import { visibleText } from '../../core/visible-text';
import { lastLines, shortTraceback } from '../../view-model/conversation/short-output';
import { Button } from '../shared/button';
import { useServices, useTrans } from '../shared/services';
import { isDrawable, joinOutputs, Picture, Text, usePictureData } from './outputs';

/** How many thumbnails there are before the rest is counted. */
const SHOWN = 3;

/**
 * What a call printed and drew, as thumbnails in a strip of fixed height that open where they are; errors in short.
 *
 * Nothing in it grows by itself: output that goes on is seen by its last lines.
 */
export function OutputStrip({ outputs }: { outputs: readonly Output[] }): JSX.Element | null {
  const trans = useTrans();
  const [opened, setOpened] = React.useState<readonly number[]>([]);
  const [all, setAll] = React.useState(false);
  const pieces = joinOutputs(outputs);
  const tiles = pieces.flatMap((output, index) =>
    output.kind === 'error' ? [] : [{ output, index }]
  );
  const shown = all || tiles.length <= SHOWN ? tiles : tiles.slice(0, SHOWN - 1);
  const toggle = (index: number) =>
    setOpened(before =>
      before.includes(index) ? before.filter(each => each !== index) : [...before, index]
    );
  if (pieces.length === 0) {
    return null;
  }
  return (
    <div className="jp-Copilot-outputs">
      {tiles.length > 0 && (
        <div className="jp-Copilot-thumbnails">
          {shown.map(({ output, index }) => (
            <Thumbnail
              key={index}
              output={output}
              isOpen={opened.includes(index)}
              onToggle={() => toggle(index)}
            />
          ))}
          {shown.length < tiles.length && (
            <Button
              className="jp-Copilot-thumbnail jp-mod-more"
              aria-expanded={false}
              onClick={() => setAll(true)}
            >
              {trans._n('%1 more output', '%1 more outputs', tiles.length - shown.length)}
            </Button>
          )}
        </div>
      )}
      {shown
        .filter(({ index }) => opened.includes(index))
        .map(({ output, index }) =>
          output.image ? (
            <Picture key={index} image={output.image} origin={trans.__('Drawn by the code')} />
          ) : (
            <Text key={index} text={output.text} isError={false} />
          )
        )}
      {pieces.map((output, index) =>
        output.kind === 'error' ? <ShortError key={index} text={output.text} /> : null
      )}
    </div>
  );
}

interface ThumbnailProps {
  output: Output;
  isOpen: boolean;
  onToggle: () => void;
}

/** A small picture of an output; it opens the whole. */
function Thumbnail({ output, isOpen, onToggle }: ThumbnailProps): JSX.Element {
  const trans = useTrans();
  const text = visibleText(lastLines(output.text)).text;
  const name = output.image
    ? visibleText(output.image.name).text || trans.__('a picture')
    : (text.split('\n').find(line => line.trim() !== '') ?? '').trim();
  return (
    <Button
      className={`jp-Copilot-thumbnail jp-mod-${output.image ? 'picture' : 'text'}`}
      aria-expanded={isOpen}
      aria-label={trans.__('Output: %1', name)}
      title={isOpen ? trans.__('Make it small') : trans.__('Show it whole')}
      onClick={onToggle}
    >
      {output.image ? <SmallPicture image={output.image} /> : <pre>{text}</pre>}
    </Button>
  );
}

/** A picture too small to be taken for anything else; its frame says the rest. */
function SmallPicture({ image }: { image: Image }): JSX.Element {
  const { trans } = useServices();
  const data = usePictureData(image);
  return data && isDrawable(image, data) ? (
    <img alt="" src={`data:${image.mime};base64,${data}`} />
  ) : (
    <span className="jp-Copilot-muted">{data === undefined ? '…' : trans.__('a picture')}</span>
  );
}

/** An error in short: where in the notebook, and what. The rest is a click away. */
function ShortError({ text }: { text: string }): JSX.Element {
  const trans = useTrans();
  const [open, setOpen] = React.useState(false);
  const short = shortTraceback(text);
  return (
    <>
      <Text text={open ? text : short} isError />
      {short !== text && (
        <Button className="jp-Copilot-link" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? trans.__('Show less') : trans.__('Show the whole traceback')}
        </Button>
      )}
    </>
  );
}
