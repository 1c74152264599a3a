import Testing

@testable import Loops

/// How flows are shared out among the instances of a responder.
@Suite struct FlowPartsTests {
    @Test("every flow is in one part, blocks follow each other and differ by one flow at most")
    func exhaustive() {
        for flows in 0...40 {
            for count in 1...10 {
                let parts = FlowParts(flows: flows, count: count)
                let blocks = (0..<count).map(parts.flows(of:))
                #expect(blocks.flatMap(Array.init) == Array(0..<flows))
                let sizes = blocks.map(\.count)
                #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
                for (part, block) in blocks.enumerated() {
                    for flow in block { #expect(parts.part(of: flow) == part) }
                }
            }
        }
    }
}
