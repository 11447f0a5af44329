import { Component, h } from "preact";
import htm from "htm";

/** Templates of what is shown. Texts in them are texts: nothing becomes HTML. */
export const html = htm.bind(h);

/** The names that hold, for an attribute `class`. */
export const classes = (...names) => names.filter(Boolean).join(" ");

/** A view that is drawn again only when one of its properties is another. */
export function memo(view) {
  return class extends Component {
    shouldComponentUpdate(next) {
      const names = Object.keys({ ...this.props, ...next });
      return names.some((name) => !Object.is(this.props[name], next[name]));
    }

    render(props) {
      return h(view, props);
    }
  };
}
