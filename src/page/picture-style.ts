import type { StylesheetJson } from 'cytoscape'
import type { Palette } from './theme.ts'

const FONT = 'system-ui, sans-serif'

/** How the picture is painted. Sizes and shades are data of the elements. */
export function pictureStyle(colours: Palette): StylesheetJson {
  return [...nodeStyles(colours), ...edgeStyles(colours), ...markStyles(colours)]
}

function nodeStyles({ surface, text, muted, line, background, shades }: Palette): StylesheetJson {
  return [
    {
      selector: 'node.card',
      style: {
        'shape': 'round-rectangle', 'width': 'data(width)', 'height': 'data(height)', 'label': 'data(label)', 'corner-radius': '7px',
        'text-valign': 'center', 'text-halign': 'center', 'text-wrap': 'wrap', 'font-family': FONT, 'font-size': 15, 'line-height': 1.35,
        'color': text, 'border-width': 1, 'border-color': line, 'background-fill': 'linear-gradient',
        'background-gradient-direction': 'to-right', 'text-margin-x': 3,
      },
    },
    ...Object.entries(shades).map(([shade, colour]) => ({
      selector: `node.card.${shade}`,
      style: {
        'background-gradient-stop-colors': [colour, colour, surface, surface],
        'background-gradient-stop-positions': ['0%', '5%', '5%', '100%'],
      },
    })) as StylesheetJson,
    { selector: 'node.namespace', style: { 'shape': 'cut-rectangle', 'border-width': 1.5, 'border-color': muted } },
    { selector: 'node.unhealthy', style: { 'border-style': 'dashed', 'border-width': 2, 'border-color': shades.bad } },
    { selector: 'node.idle', style: { 'border-style': 'dotted', 'color': muted } },
    {
      selector: 'node.box',
      style: {
        'shape': 'round-rectangle', 'label': 'data(label)', 'text-valign': 'top', 'text-halign': 'center', 'text-margin-y': -4,
        'font-family': FONT, 'font-size': 13, 'color': muted, 'background-color': background, 'background-opacity': 0.4,
        'border-width': 1, 'border-color': line, 'border-style': 'dashed', 'padding': '16px',
      },
    },
  ]
}

function edgeStyles({ shades }: Palette): StylesheetJson {
  return [
    {
      selector: 'edge',
      style: {
        'width': 'data(width)', 'curve-style': 'bezier', 'target-arrow-shape': 'triangle', 'arrow-scale': 0.9, 'opacity': 0.85,
        'control-point-step-size': 30,
      },
    },
    ...Object.entries(shades).map(([shade, colour]) =>
      ({ selector: `edge.${shade}`, style: { 'line-color': colour, 'target-arrow-color': colour } })) as StylesheetJson,
    { selector: 'edge.idle', style: { 'line-style': 'dashed', 'opacity': 0.45 } },
  ]
}

function markStyles({ accent }: Palette): StylesheetJson {
  return [
    { selector: 'node.aside', style: { opacity: 0.45 } },
    { selector: 'edge.aside', style: { opacity: 0.15 } },
    { selector: '.faded', style: { opacity: 0.16 } },
    { selector: 'node.changed', style: { 'underlay-color': accent, 'underlay-opacity': 0.25, 'underlay-padding': 7, 'underlay-shape': 'round-rectangle' } },
    { selector: 'edge.changed', style: { 'underlay-color': accent, 'underlay-opacity': 0.3, 'underlay-padding': 4 } },
    { selector: 'node.current', style: { 'border-width': 2.5, 'border-style': 'solid', 'border-color': accent } },
    { selector: 'node.chosen', style: { 'border-width': 3.5, 'border-style': 'solid', 'border-color': accent } },
    { selector: 'core', style: { 'active-bg-opacity': 0, 'selection-box-opacity': 0 } as never },
  ]
}
