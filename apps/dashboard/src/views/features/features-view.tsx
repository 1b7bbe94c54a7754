import { Catalogue } from './catalogue.js';
import { ViewPage } from './view-page.js';

/** Features: all there are, or one view with what it computes, how new it is, what it held, who uses it, and what it was. */
export const FeaturesView = ({ view }: { readonly view: string | undefined }) => (view === undefined ? <Catalogue /> : <ViewPage name={`featureViews/${view}`} />);
