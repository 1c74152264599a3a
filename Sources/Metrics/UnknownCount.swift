extension Int? {
    /// The sum of counts, of which a single unknown one makes the sum unknown.
    package static func sum(_ counts: [Int?]) -> Int? {
        var sum = 0
        for count in counts {
            guard let count else { return nil }
            sum += count
        }
        return sum
    }
}
