import Testing

@testable import Metrics

/// What a wrong index does to memory of a data thread.
@Suite struct CheckedMemoryTests {
    @Test("an index that is out of range ends the process and touches nothing")
    func outOfRange() async {
        await #expect(processExitsWith: .failure) {
            let memory = CheckedMemory<Int>.allocate(capacity: 3)
            memory.initialize(repeating: 0, count: 3)
            memory[3] = 1
        }
        await #expect(processExitsWith: .failure) {
            let memory = CheckedMemory<Int>.allocate(capacity: 3)
            memory.initialize(repeating: 0, count: 3)
            _ = memory[-1]
        }
    }

    @Test("elements are where a bare pointer has them")
    func inRange() {
        let memory = CheckedMemory<Int>.allocate(capacity: 3)
        memory.initialize(repeating: 7, count: 3)
        memory[1] += 1
        (memory + 2).pointee = 9
        #expect((0..<3).map { memory.start[$0] } == [7, 8, 9])
        memory.deinitialize(count: 3)
        memory.deallocate()
    }
}
