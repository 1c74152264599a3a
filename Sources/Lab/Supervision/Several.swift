/// Does `work` with each of the elements, `most` of them at a time.
/// - Returns: The values in the order of the elements.
/// - Throws: The first error; what is begun then is cancelled and waited for.
func several<Element: Sendable, Value: Sendable>(
    _ elements: [Element], most: Int,
    _ work: @escaping @Sendable (Element) async throws -> Value
) async throws -> [Value] {
    try await withThrowingTaskGroup(of: (Int, Value).self) { group in
        var values = [Value?](repeating: nil, count: elements.count)
        var next = 0
        func begin() {
            guard next < elements.count else { return }
            let (index, element) = (next, elements[next])
            next += 1
            group.addTask { (index, try await work(element)) }
        }
        for _ in 0..<max(1, most) { begin() }
        while let (index, value) = try await group.next() {
            values[index] = value
            begin()
        }
        return values.compactMap(\.self)
    }
}
