import dagre from '@dagrejs/dagre';
import { SIGN, type Tone } from '../parts/meaning.js';
import { Link } from '../router.js';

/** One node of a graph, and the nodes that must be there before it. */
export interface GraphNode {
  readonly id: string;
  readonly needs: readonly string[];
  readonly tone: Tone;
  /** A word or two below its name. */
  readonly says: string;
  readonly href: string;
  readonly chosen: boolean;
}

const WIDTH = 104;
const HEIGHT = 54;

interface Place {
  readonly x: number;
  readonly y: number;
}

/** A directed graph from left to right, laid out in layers (Sugiyama, Tagawa and Toda 1981); each node leads somewhere. */
export function Graph({ title, nodes }: { readonly title: string; readonly nodes: readonly GraphNode[] }) {
  const { places, edges, width, height } = layOut(nodes);
  return (
    <div className="scroll graph" tabIndex={0} role="region" aria-label={title}>
      <div className="sheet" style={{ width, height }}>
        <svg width={width} height={height} aria-hidden="true">
          {edges.map(({ key, points }) => (
            <path key={key} d={points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x} ${y}`).join('')} />
          ))}
        </svg>
        <ol>
          {nodes.map(({ id, tone, says, href, chosen }) => {
            const at = places.get(id);
            return at ? (
              <li key={id} data-tone={tone} style={{ left: at.x - WIDTH / 2, top: at.y - HEIGHT / 2, width: WIDTH, height: HEIGHT }}>
                <Link href={href} aria-current={chosen || undefined}>
                  <b>{id}</b>
                  <span>
                    <span aria-hidden="true" className="sign">{SIGN[tone]}</span> {says}
                  </span>
                </Link>
              </li>
            ) : undefined;
          })}
        </ol>
      </div>
    </div>
  );
}

/** The edges without those that other edges imply: what is needed by something that is needed itself is not drawn twice (transitive reduction: Aho, Garey and Ullman 1972). */
function shownEdges(nodes: readonly GraphNode[]): readonly (readonly [string, string])[] {
  const needs = new Map(nodes.map((node) => [node.id, node.needs]));
  const reaches = (from: string, to: string): boolean => (needs.get(from) ?? []).some((each) => each === to || reaches(each, to));
  return nodes.flatMap(({ id, needs: own }) => own.filter((need) => needs.has(need) && !own.some((other) => other !== need && reaches(other, need))).map((need) => [need, id] as const));
}

function layOut(nodes: readonly GraphNode[]) {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 12, ranksep: 12, marginx: 2, marginy: 2 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of nodes) graph.setNode(id, { width: WIDTH, height: HEIGHT });
  for (const [need, id] of shownEdges(nodes)) graph.setEdge(need, id);
  dagre.layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    width,
    height,
    places: new Map<string, Place>(nodes.map(({ id }) => [id, graph.node(id)])),
    edges: graph.edges().map((edge) => ({ key: `${edge.v}→${edge.w}`, points: graph.edge(edge).points as readonly Place[] })),
  };
}
