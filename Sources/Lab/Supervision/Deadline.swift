/// Runs `operation` for at most `limit`, then cancels it. `nil` when it had no result by then, or
/// when the calling task was cancelled. The operation has to answer cancellation promptly.
func withDeadline<Value: Sendable>(
    _ limit: Duration, _ operation: @escaping @Sendable () async -> Value?
) async -> Value? {
    await withTaskGroup(of: Value?.self) { group in
        group.addTask { await operation() }
        group.addTask {
            // Thrown only when cancelled, which is one of the two reasons to answer `nil`.
            try? await Task.sleep(for: limit)
            return nil
        }
        var result = await group.next() ?? nil
        group.cancelAll()
        // A value that arrived in the same instant as the deadline is kept, not dropped.
        for await late in group where result == nil {
            result = late
        }
        return result
    }
}
