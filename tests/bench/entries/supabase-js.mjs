import { createClient } from "@supabase/supabase-js";

// Node 20 has no WebSocket, and supabase-js makes no client without one.
const realtime = { transport: globalThis.WebSocket ?? class {} };

export const make = () => createClient("https://project.supabase.invalid", "key", { realtime });
