// Package scanner turns camera frames into codes, and gives the same codes from
// serial and keyboard scanner modules.
//
// A [Scanner] reads stored pictures with everything it has; a [Stream] follows a
// camera within a time budget a frame and reports each code once; a [Module] is
// a device that decodes by itself. What comes out is always a [Code].
//
// # How a QR code is read
//
// gozxing's decoder turns sampled bits into text. What stands in front of it is
// this package's own, a file for each stage, in the order of the data:
//
//   - plane.go: the grey picture, halved or smoothed eight pixels at a time.
//   - binarise.go: black and white by thresholds of 8×8 blocks. ZXing's hybrid
//     binarizer, but with (min+max)/2 for the mean, and blocks no livelier than
//     the noise left out.
//   - local.go: black and white against the mean close by, as Wellner's adaptive
//     threshold (1993) but on both sides, for what blur has made grey.
//   - busy.go: where the picture is as full of edges as a code is, so that deeper
//     passes look nowhere else.
//   - find.go: rows that cross a finder pattern see 1:1:3:1:1. Measured from edge
//     to like edge, as zxing-cpp does, so that a threshold too high or too low
//     does not matter; light on dark in the same scan.
//   - fit.go: each candidate's outline gives its affine shape by moments, as in
//     the normalisation of characters and faces; then an ideal pattern is fitted
//     to the grey picture by inverse-compositional Gauss-Newton (Baker and
//     Matthews, Lucas-Kanade 20 Years On, 2004). The correlation tells patterns
//     from chance, and centre and axes come out to some hundredths of a module.
//   - triple.go, third.go: three patterns belong together if each lies along the
//     others' axes and both sides count the same modules. If glare or a thumb took
//     one, two say where it was.
//   - homography.go, align.go: where the modules lie, by least squares over the
//     corners of the finder patterns and over all alignment patterns, looked for
//     from the known to the unknown.
//   - bulge.go: bottles, tubes and curling pages; the smooth bulge is the one with which
//     dark and light are told apart best.
//   - warp.go: paper, cloth and wrists are not flat; a grid of nodes moves to where
//     dark and light are told apart best.
//   - sample.go: the mean grey of every module against its surroundings.
//   - equalise.go: blur mixes each module with its neighbours. Weights learnt from
//     the modules that every code has in common undo it, as a modem's equaliser
//     learns from a preamble, and then from the modules that came out clear
//     (Lucky's decision-directed equaliser, 1966).
//   - layout.go, decode.go, rs.go: format information by correlation with all 32
//     words; codewords whose modules were unclear count as erasures, which cost
//     half of what an error does (Forney, Generalized Minimum Distance Decoding,
//     1966).
//   - text.go, append.go: characters, and codes that are parts of one message.
//   - stream.go: passes spread over frames, in turns that none of the decoders
//     measured has, since they take one picture at a time. A frame's work is
//     counted in modules sampled, as chess programs count nodes, so that what is
//     read does not depend on the machine.
//   - track.go: the region where a code was a moment ago, as trackers in video
//     search a window around the last place; and module grids summed over frames,
//     the past fading, as radar integrates echoes too weak to be seen one by one.
//   - hint.go: what to tell the visitor.
//   - linear.go: Code 128 on tubes (ISO/IEC 15417), on rows and columns. Its start
//     is told by distances from edge to like edge, as that standard's reference
//     algorithm has it; gozxing decodes, and two lines have to agree.
//   - library.go: Data Matrix (ISO/IEC 16022), by gozxing, where busy.go sees edges
//     enough.
//
// Positions are continuous pixels: the first pixel covers [0,1)×[0,1). Modules
// count from the code's top left corner.
//
// # Measuring
//
// The program in the folder compare compares this package with zxing-cpp and ZBar
// on the same pictures, interleaved; `make bench-scanner SEED=…` builds it,
// renders frames from the seed and prints the tables.
package scanner
