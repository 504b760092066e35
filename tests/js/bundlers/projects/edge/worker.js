import webhook, { PracticeInbox } from "itero-dpms/webhook";

export { PracticeInbox };

export default {
  fetch(request, env, context) {
    if (new URL(request.url).pathname === "/hello") return new Response("a route of your own");
    return webhook.fetch(request, env, context);
  },
};
