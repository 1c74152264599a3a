extension ReportDestination {
    /// Returns the destination of a file beside this one: `voice.partial.json` beside `voice.json`.
    package func besideIt(_ word: String, force: Bool) -> ReportDestination {
        let ending = ".json"
        let isJSON = path.hasSuffix(ending)
        return ReportDestination(
            path: "\(isJSON ? String(path.dropLast(ending.count)) : path).\(word)\(ending)",
            createsDirectory: createsDirectory, replaces: force, layer: layer,
            processID: processID, kind: kind)
    }

    /// Removes the file, if it is there.
    package func remove() {
        guard let directory = try? layer.openDirectory(directoryPath) else { return }
        _ = try? layer.remove(name, in: directory)
        layer.closeQuietly(directory)
    }
}
