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
      return !isSame(this.props, next);
    }

    render(props) {
      return h(view, props);
    }
  };
}

/**
 * A view that does not take the page with it: where it cannot be drawn another one takes its place, until its properties are others.
 *
 * @param {any} view
 * @param {any} instead gets the same properties
 */
export function guarded(view, instead) {
  return class extends Component {
    state = { failed: /** @type {any} */ (null) }; // the properties with which it did

    componentDidCatch(fault) {
      console.error(fault);
      this.setState({ failed: this.props });
    }

    render(props, { failed }) {
      return h(failed && isSame(failed, props) ? instead : view, props);
    }
  };
}

function isSame(some, others) {
  return Object.keys({ ...some, ...others }).every((name) => Object.is(some[name], others[name]));
}
