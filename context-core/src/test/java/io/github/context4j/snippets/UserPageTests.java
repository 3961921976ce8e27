package io.github.context4j.snippets;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.Context;
import io.github.context4j.TaskGroup;
import org.junit.jupiter.api.Test;

/** The example in the Javadoc of {@link TaskGroup}. */
final class UserPageTests {
    private interface Users {
        String load(long id);
    }

    private interface Model {
        String summarize(long id);
    }

    private record UserPage(String user, String bio) {}

    private static UserPage page(Context ctx, Users users, Model llm, long id) throws InterruptedException {
        // @start region="task group"
        try (var group = TaskGroup.open(ctx)) {
            var user = group.fork(() -> users.load(id));
            var bio = group.fork(() -> llm.summarize(id));
            group.join();
            return new UserPage(user.get(), bio.get());
        }
        // @end
    }

    @Test
    void isMadeOfWhatBothReturn() throws Exception {
        assertThat(page(Context.background(), id -> "user " + id, id -> "bio " + id, 7))
                .isEqualTo(new UserPage("user 7", "bio 7"));
    }
}
