"use client";
import { procedures } from "itero-dpms";
import { useEffect } from "react";

export function InPage({ inServerComponent }) {
  useEffect(() => {
    void procedures()
      .then(() => "loaded", String)
      .then((inPage) => (globalThis.report = { inServerComponent, inPage }));
  });
  return null;
}
