import {
  EmojiPicker,
  type EmojiPickerListCategoryHeaderProps,
  type EmojiPickerListEmojiProps,
  type EmojiPickerListRowProps,
  type Locale,
} from "frimousse";
import { useEffect, useRef } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import c from "./emoji.module.css";

const COLUMNS = 9;
/** Where the bundle carries what emoji are called (vite.config.ts). Nothing is fetched from anywhere else. */
const DATA = new URL("emoji", document.baseURI).href;

function CategoryHeader({ category, ...props }: EmojiPickerListCategoryHeaderProps) {
  return (
    <div {...props} className={c.category}>
      {category.label}
    </div>
  );
}

/** ARIA counts rows and columns from 1, the library from 0. */
const fromOne = (index: number | undefined) => (index ?? 0) + 1;

function Row(props: EmojiPickerListRowProps) {
  // biome-ignore lint/a11y/useAriaPropsSupportedByRole: the library gives it the role of a row
  return <div {...props} aria-rowindex={fromOne(props["aria-rowindex"])} />;
}

function Emoji({ emoji, ...props }: EmojiPickerListEmojiProps) {
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: the library gives it the role of a cell
    <button
      {...props}
      aria-colindex={fromOne(props["aria-colindex"])}
      type="button"
      className={c.emoji}
      data-active={emoji.isActive || undefined}
    >
      {emoji.emoji}
    </button>
  );
}

/** The sign that asks for a picture, after what is drawn as one anyway: the data has it everywhere, and nobody else writes it. */
const needless = /(\p{Emoji_Presentation})\uFE0F/gu;

/** All emoji, found by their names, with what is about to be chosen below. Loaded on demand. */
export default function Picker({ onPick }: { onPick: (emoji: string) => void }) {
  const { t, language } = useTranslation();
  const search = useRef<HTMLInputElement>(null);
  // What holds it looks for a place for the focus before this is loaded.
  useEffect(() => search.current?.focus(), []);
  return (
    <EmojiPicker.Root
      className={c.picker}
      columns={COLUMNS}
      locale={language.slice(0, 2) as Locale}
      emojibaseUrl={DATA}
      onEmojiSelect={({ emoji }) => onPick(emoji.replace(needless, "$1"))}
    >
      <EmojiPicker.Search
        className={c.search}
        ref={search}
        aria-label={t("emoji.search")}
        placeholder={t("emoji.search")}
      />
      <EmojiPicker.Viewport className={c.viewport}>
        <EmojiPicker.Loading className={c.note}>{t("emoji.loading")}</EmojiPicker.Loading>
        <EmojiPicker.Empty className={c.note}>{t("emoji.none")}</EmojiPicker.Empty>
        <EmojiPicker.List components={{ CategoryHeader, Row, Emoji }} />
      </EmojiPicker.Viewport>
      <div className={c.foot}>
        <EmojiPicker.ActiveEmoji>
          {({ emoji }) => (
            <>
              <span className={c.large} aria-hidden>
                {emoji?.emoji}
              </span>
              <span className="cut">{emoji?.label ?? t("emoji.choose")}</span>
            </>
          )}
        </EmojiPicker.ActiveEmoji>
        <EmojiPicker.SkinToneSelector className={c.skin} aria-label={t("emoji.skin")} />
      </div>
    </EmojiPicker.Root>
  );
}
