/// Runs `operation` for at most `limit`, then cancels it. Returns `nil` if it had no result by
/// then, or if the calling task was cancelled. The operation has to react to cancellation promptly.
func withDeadline<Value: Sendable>(
    _ limit: Duration, on host: any ControlHost, _ operation: @escaping @Sendable () async -> Value?
) async -> Value? {
    await withTaskGroup(of: Value?.self) { group in
        group.addTask { await operation() }
        group.addTask {
            // Thrown only on cancellation, which is one of the two reasons to return `nil`.
            try? await host.sleep(for: limit)
            return nil
        }
        var result = await group.next() ?? nil
        group.cancelAll()
        // A value that arrived at the same time as the deadline is kept.
        for await late in group where result == nil {
            result = late
        }
        return result
    }
}
