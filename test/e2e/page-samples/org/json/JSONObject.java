package org.json;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** As much of the library that the page's sample in Java imports as the sample uses. Its texts need no escaping but this. */
public class JSONObject {
    private final Map<String, Object> values = new LinkedHashMap<>();

    public JSONObject put(String key, Object value) {
        values.put(key, value);
        return this;
    }

    @Override
    public String toString() {
        return values.entrySet().stream()
            .map(entry -> quoted(entry.getKey()) + ":" + written(entry.getValue()))
            .collect(Collectors.joining(",", "{", "}"));
    }

    private static String written(Object value) {
        return value instanceof Number || value instanceof Boolean ? value.toString() : quoted(value.toString());
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
