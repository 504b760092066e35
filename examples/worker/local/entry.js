// worker.js, with a path that does the same as the cron trigger on the platform. `wrangler dev` has the same path.
import worker from "./worker.js";

export { PracticeInbox } from "./worker.js";

export default {
  async fetch(request, env, context) {
    if (new URL(request.url).pathname !== "/cdn-cgi/handler/scheduled") return worker.fetch(request, env, context);
    try {
      await worker.scheduled({}, env, context);
      return new Response("ok");
    } catch (error) {
      return new Response(error.message, { status: 500 });
    }
  },
};
